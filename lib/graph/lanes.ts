/**
 * The services behind Microsoft Graph. Each throttles by itself, so each has its own pauses and its own number of
 * parallel requests: https://learn.microsoft.com/graph/throttling-limits
 */
export const LANES = ["graph", "outlook", "sharepoint"] as const;
export type Lane = (typeof LANES)[number];

export interface Way {
  lane: Lane;
  /** The mailbox that Outlook reads or writes; it allows few requests at once for each. */
  mailbox?: string;
}

/** Which service answers a request, by its path below the version or its whole address. */
export function wayOf(pathOrUrl: string): Way {
  const [path = ""] = pathOrUrl.replace(/^https?:\/\/[^/]*/, "").replace(/^\/(v1\.0|beta)(?=\/)/, "").split("?");
  const mail = /^\/groups\/([^/]+)\/(?:threads|conversations)\b/.exec(path);
  if (mail) return { lane: "outlook", mailbox: mail[1]! };
  return { lane: /^\/(?:drives|shares|sites)\b|^\/(?:groups|users)\/[^/]+\/(?:drive|sites)\b|^\/me\/drive\b/.test(path) ? "sharepoint" : "graph" };
}

/**
 * What SharePoint counts for a request, in resource units: 1 to read one item or its content, 2 for lists and writes.
 * https://learn.microsoft.com/sharepoint/dev/general-development/how-to-avoid-getting-throttled-or-blocked-in-sharepoint-online
 */
export function resourceUnits(method: string, path: string): number {
  return method === "GET" && !/\/children\b/.test(path) ? 1 : 2;
}
