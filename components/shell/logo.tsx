/** Two cards of a board, one behind the other: the plan as it was. */
export function Logo({ className }: { className?: string }) {
  return (
    <svg viewBox="0 0 24 24" aria-hidden className={className} fill="none">
      <rect x="7.5" y="3" width="13.5" height="13.5" rx="3" stroke="currentColor" strokeWidth="1.8" opacity=".45" />
      <rect x="3" y="7.5" width="13.5" height="13.5" rx="3" fill="currentColor" />
      <path d="m6.6 14.4 2.2 2.2 4.3-4.5" stroke="var(--accent-ink)" strokeWidth="1.8" strokeLinecap="round" strokeLinejoin="round" />
    </svg>
  );
}
