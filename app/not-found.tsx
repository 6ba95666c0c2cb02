import Link from "next/link";
import { PublicFrame } from "@/components/shell/public-frame";
import { Button } from "@/components/ui/button";

export const metadata = { title: "Not found" };

export default function NotFound() {
  return (
    <PublicFrame>
      <h1 className="text-xl font-semibold tracking-tight">There is nothing at this address</h1>
      <p className="mt-2 text-muted">It was removed, the link is incomplete, or it belongs to a workspace that you are not a member of.</p>
      <Button asChild variant="primary" className="mt-6"><Link href="/">Go to the start page</Link></Button>
    </PublicFrame>
  );
}
