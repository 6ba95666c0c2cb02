import { describe } from "vitest";
import { MemoryJournal, newJournalRows } from "./journal";
import { journalSuite } from "./testing/journalSuite";

describe("a journal in memory", () => {
  journalSuite(async () => {
    const rows = newJournalRows();
    return { take: async () => new MemoryJournal(rows, () => 1_000_000) };
  });
});
