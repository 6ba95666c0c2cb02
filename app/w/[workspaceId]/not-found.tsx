import Link from "next/link";
import { Button } from "@/components/ui/button";

export default function NotFound() {
  return (
    <div className="mx-auto max-w-xl py-8">
      <h1 className="text-xl font-semibold tracking-tight">There is nothing at this address</h1>
      <p className="mt-2 text-muted">It was removed, the link is incomplete, or it belongs to another workspace.</p>
      <Button asChild variant="primary" className="mt-6"><Link href="/">Go to your workspaces</Link></Button>
    </div>
  );
}
