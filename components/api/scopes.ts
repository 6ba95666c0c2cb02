import type { ApiScope } from "@/lib/workspaces/types";

/** What each scope of an API key allows, in the order of their weight. */
export const SCOPE_WORDS: Record<ApiScope, string> = {
  "read:status": "See connections, plans, policies, runs and lists of snapshots",
  "read:content": "Look into snapshots: tasks, files, search, compare, export, restores",
  backup: "Start and stop backups",
  restore: "Preview and run restores; their previews show content",
  "restore:remove": "With restore: also run one that deletes tasks or buckets, without a person who signs in once more",
  manage: "Make, change and remove policies, check connections again",
};
