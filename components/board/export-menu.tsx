"use client";

import Link from "next/link";
import { Archive, Braces, CalendarDays, Download, FileSpreadsheet, FileText, Printer } from "lucide-react";
import { Button } from "@/components/ui/button";
import { Menu, MenuContent, MenuItem, MenuSeparator, MenuTrigger } from "@/components/ui/menu";

const FORMATS = [
  { format: "xlsx", label: "Excel workbook", Icon: FileSpreadsheet },
  { format: "csv", label: "CSV", Icon: FileText },
  { format: "json", label: "JSON, everything", Icon: Braces },
  { format: "ics", label: "Calendar (iCalendar)", Icon: CalendarDays },
  { format: "zip", label: "ZIP with attached files", Icon: Archive },
];

/** Saves the snapshot, or these tasks of it, in a format of other programs. `snapshotUrl`: the page of the snapshot. */
export function ExportMenu({ snapshotUrl, tasks }: { snapshotUrl: string; tasks?: Iterable<string> }) {
  const chosen = tasks ? [...tasks].map(encodeURIComponent).join(",") : null;
  return (
    <Menu>
      <MenuTrigger asChild><Button><Download aria-hidden />Export</Button></MenuTrigger>
      <MenuContent>
        {FORMATS.map(({ format, label, Icon }) => (
          <MenuItem key={format} asChild><a href={`${snapshotUrl}/export?format=${format}${chosen === null ? "" : `&tasks=${chosen}`}`} download><Icon aria-hidden />{label}</a></MenuItem>
        ))}
        <MenuSeparator />
        <MenuItem asChild><Link href={`${snapshotUrl}/print${chosen === null ? "" : `?tasks=${chosen}`}`} prefetch={false}><Printer aria-hidden />Printable page</Link></MenuItem>
      </MenuContent>
    </Menu>
  );
}
