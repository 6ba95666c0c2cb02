/** One spelling for a moment: trailing zeros of the seven decimals mean nothing. */
export function canonicalDate(value: string | null | undefined): string | null {
  if (!value) return null;
  const parts = /^(.*?)(?:\.(\d*?)0*)?Z$/.exec(value);
  if (!parts) return value;
  return parts[2] ? `${parts[1]}.${parts[2]}Z` : `${parts[1]}Z`;
}
