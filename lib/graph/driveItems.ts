import type { Cloud } from "@/lib/config/clouds";
import { isSharePointHost } from "@/lib/config/origins";
import { isPlanbackError, PlanbackError } from "@/lib/errors";
import type { GraphObject } from "@/lib/planner/types";
import type { GraphHttp } from "./http";

export type DriveItem = GraphObject & { id: string; name: string; size: number; webUrl: string; driveId: string };

interface RawItem extends GraphObject {
  id: string;
  name?: string;
  size?: number;
  webUrl?: string;
  parentReference?: { driveId?: string };
  file?: unknown;
}

/** Each segment encoded for a Graph path; the slashes stay. */
export function encodePath(path: string): string {
  return path.split("/").filter(Boolean).map(encodeURIComponent).join("/");
}

/**
 * Finds what is behind a reference: a file, or a folder or package (`folder`, `package`). The URL itself is never dialled:
 * it is taken apart, and Graph is asked for that path in the group's own library, which the permission to read groups
 * allows. A sharing link, or a file of another site or of somebody's OneDrive, is looked up through /shares; Microsoft
 * refuses that to an app that may only read groups (graph_forbidden).
 * Returns null for a link that leads to no file in Microsoft 365. Throws graph_not_found, graph_forbidden and others.
 * https://learn.microsoft.com/graph/api/shares-get
 */
export async function driveItemOfUrl(http: GraphHttp, groupId: string, url: string): Promise<DriveItem | null> {
  const address = sharePointAddress(url, http.cloud);
  if (!address) return null;
  const path = pathInLibrary(address);
  let missing: unknown = null;
  if (path) {
    try {
      const item = await http.get<RawItem>(`/groups/${encodeURIComponent(groupId)}/drive/root:/${encodePath(path)}`);
      if (sameFile(item, address, http.cloud)) return fileOf(item);
    } catch (error) {
      if (!isPlanbackError(error, "graph_not_found")) throw error;
      missing = error;
    }
  } else if (!mayBeSharingLink(address) && !mayBeElsewhere(address)) {
    return null;
  }
  try {
    const token = `u!${Buffer.from(address.href, "utf8").toString("base64url")}`;
    return fileOf(await http.get<RawItem>(`/shares/${token}/driveItem`));
  } catch (error) {
    // The first answer is the better one; but that the group's library has no such file says nothing of other places.
    const isGone = missing !== null && (isPlanbackError(error, "graph_not_found") || (isPlanbackError(error, "graph_forbidden") && (await isOfGroup(http, groupId, address))));
    throw isGone ? missing : error;
  }
}

async function isOfGroup(http: GraphHttp, groupId: string, address: URL): Promise<boolean> {
  const root = await http.get<{ webUrl?: string }>(`/groups/${encodeURIComponent(groupId)}/drive/root?$select=webUrl`).catch((error: unknown) => {
    if (isPlanbackError(error, "graph_not_found", "graph_forbidden")) return null;
    throw error;
  });
  const library = root?.webUrl ? sharePointAddress(root.webUrl, http.cloud) : null;
  return library !== null && `${placeIn(address)}/`.startsWith(`${placeIn(library)}/`);
}

function sharePointAddress(url: string, cloud: Cloud): URL | null {
  try {
    const address = new URL(url);
    const isWeb = address.protocol === "https:" && address.port === "" && !address.username && !address.password;
    return isWeb && isSharePointHost(address.hostname, cloud) ? address : null;
  } catch {
    return null;
  }
}

/** "/sites/{site}/{library}/{path}" without its first three segments; null when the URL has another shape. */
function pathInLibrary(address: URL): string | null {
  const [kind, site, library, ...path] = segmentsOf(address);
  if (!kind || !/^(sites|teams)$/i.test(kind) || !site || !library || path.length === 0) return null;
  return PAGES.test(library) ? null : path.join("/");
}

const PAGES = /^(_layouts|SitePages|Lists)$/i;

/** A file of somebody's OneDrive, "/personal/{somebody}/{library}/{path}", or of the root site, "/{library}/{path}". */
function mayBeElsewhere(address: URL): boolean {
  const [first = "", ...rest] = segmentsOf(address);
  if (/^(sites|teams)$/i.test(first)) return false;
  const [library = "", ...path] = /^personal$/i.test(first) ? rest.slice(1) : [first, ...rest];
  return path.length > 0 && !PAGES.test(library) && !/\.aspx$/i.test(path.at(-1) ?? "");
}

/** "/:w:/s/{site}/{token}" and the viewer page of Office files. Other pages of a site are web pages, not files. */
function mayBeSharingLink(address: URL): boolean {
  return /^\/:[a-z]:\//i.test(address.pathname) || /\/_layouts\/15\/(doc|wopiframe)[^/]*\.aspx$/i.test(address.pathname);
}

function segmentsOf(address: URL): string[] {
  return address.pathname.split("/").filter(Boolean).map((segment) => {
    try {
      return decodeURIComponent(segment);
    } catch {
      return segment;
    }
  });
}

/** The same path may exist in another site's library: what was found must be what the link names. */
function sameFile(item: RawItem, address: URL, cloud: Cloud): boolean {
  const found = item.webUrl ? sharePointAddress(item.webUrl, cloud) : null;
  if (!found) return true;
  // Office files answer with the address of their viewer, which holds no path.
  if (mayBeSharingLink(found)) return found.hostname === address.hostname && sameSite(found, address);
  return placeIn(found) === placeIn(address);
}

const placeIn = (at: URL): string => `${at.hostname}/${segmentsOf(at).join("/")}`.toLowerCase();

function sameSite(found: URL, address: URL): boolean {
  const site = (at: URL) => /\/(?:sites|teams)\/([^/]+)/i.exec(decodeURI(at.pathname))?.[1]?.toLowerCase();
  return site(found) === site(address);
}

function fileOf(item: RawItem): DriveItem {
  const driveId = item.parentReference?.driveId;
  if (!driveId) throw new PlanbackError("graph_rejected", "Microsoft 365 did not say in which library a file is. The file was not read.");
  return { ...item, name: item.name ?? "", size: item.size ?? 0, webUrl: item.webUrl ?? "", driveId };
}
