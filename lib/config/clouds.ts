/** Microsoft's clouds. https://learn.microsoft.com/graph/deployments */
export type Cloud = "global" | "usGov" | "usGovDod" | "china";

const SOVEREIGN: Record<string, Cloud> = {
  "graph.microsoft.us": "usGov",
  "dod-graph.microsoft.us": "usGovDod",
  "microsoftgraph.chinacloudapi.cn": "china",
};

/** The cloud whose Microsoft Graph is at this origin. */
export function cloudOf({ graphOrigin }: { graphOrigin: string }): Cloud {
  return SOVEREIGN[new URL(graphOrigin).hostname] ?? "global";
}

/** Whether Microsoft's beta interface shows there what backups want of it. Task chat, for one, is in the global cloud only. */
export function extrasAllowed(cloud: Cloud): boolean {
  return cloud === "global";
}
