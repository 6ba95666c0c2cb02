"use client";

import { useState } from "react";
import { Plus } from "lucide-react";
import { Button } from "@/components/ui/button";
import { ChannelDialog, type SaveChannel } from "./channel-dialog";

export function AddChannel({ canSendEmail, save }: { canSendEmail: boolean; save: SaveChannel }) {
  const [open, setOpen] = useState(false);
  return (
    <>
      <Button variant="primary" onClick={() => setOpen(true)}><Plus aria-hidden />Add channel</Button>
      {open ? <ChannelDialog channel={null} canSendEmail={canSendEmail} save={save} onClose={() => setOpen(false)} /> : null}
    </>
  );
}
