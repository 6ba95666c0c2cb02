"use client";

import Link from "next/link";
import { useRouter, useSearchParams } from "next/navigation";
import { ChevronLeft, ChevronRight } from "lucide-react";
import { Button } from "@/components/ui/button";
import { useKeys } from "@/components/ui/use-keys";

interface OtherSnapshotsProps { earlierUrl: string | null; laterUrl: string | null }

/** To the snapshots before and after this one in which something changed, by link or key. View, filter and open task stay. */
export function OtherSnapshots({ earlierUrl, laterUrl }: OtherSnapshotsProps) {
  const router = useRouter();
  const params = useSearchParams();
  const [earlier, later] = [earlierUrl, laterUrl].map((url) => url && (params.size > 0 ? `${url}?${params}` : url));
  useKeys({ "[": earlier ? () => router.push(earlier) : undefined, "]": later ? () => router.push(later) : undefined });
  if (!earlier && !later) return null;
  return (
    <nav aria-label="Other snapshots of this plan" className="flex items-center gap-1">
      {earlier ? <Button asChild variant="ghost"><Link href={earlier} prefetch={false} aria-keyshortcuts="[" title="Earlier change (key [)"><ChevronLeft aria-hidden />Earlier change</Link></Button> : null}
      {later ? <Button asChild variant="ghost"><Link href={later} prefetch={false} aria-keyshortcuts="]" title="Later change (key ])">Later change<ChevronRight aria-hidden /></Link></Button> : null}
    </nav>
  );
}
