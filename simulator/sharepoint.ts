import { GraphFault } from "./graph/context";
import { errorAnswer } from "./graph/dispatch";
import { itemNotFound } from "./graph/drive/access";
import { itemEntity, eTagOf } from "./graph/drive/render";
import { refuseOverQuota, resolveName } from "./graph/drive/routes";
import { contentOf, type DriveItemRecord, type DriveStore, type UploadSession } from "./graph/drive/store";
import { html, type SimRequest, type SimResponse, type SimRoom } from "./http";
import type { SimWorld } from "./model";

/** Every fragment but the last is a multiple of this. */
const FRAGMENT_UNIT = 327_680;
const FRAGMENT_LIMIT = 60 * 1024 * 1024;

/** SharePoint's pre-authenticated URLs, under /sharepoint/{host}/...: downloads and upload sessions. */
export function sharepointRoom(world: SimWorld, store: DriveStore): SimRoom {
  return (request) => {
    const match = /^\/sharepoint\/([^/]+)(\/.*)$/.exec(request.url.pathname);
    if (!match) return undefined;
    try {
      return serve(world, store, request, match[2]!);
    } catch (error) {
      if (!(error instanceof GraphFault)) throw error;
      const answer = errorAnswer(world, error);
      return { status: answer.status, headers: answer.headers, body: answer.body };
    }
  };
}

function serve(world: SimWorld, store: DriveStore, request: SimRequest, path: string): SimResponse {
  const isDownload = path.endsWith("/_layouts/15/download.aspx");
  const isUpload = path.endsWith("/uploadSession");
  if (!isDownload && !isUpload) return html(403, "<h1>403 Forbidden</h1><p>Sign in to SharePoint to open this page.</p>");
  // The URL itself is the credential; a bearer token for Graph is not one for SharePoint.
  if (request.headers["authorization"] !== undefined) throw new GraphFault(401, "unauthenticated", "The Authorization header must not be sent to this URL.");
  return isDownload ? download(world, store, request) : upload(world, store, request);
}

function download(world: SimWorld, store: DriveStore, request: SimRequest): SimResponse {
  const ticket = store.tickets.get(request.url.searchParams.get("tempauth") ?? "");
  if (!ticket || ticket.expiresAt <= world.now()) throw new GraphFault(401, "unauthenticated", "The download URL has expired.");
  const { item } = ticket;
  if (!item.drive.items.has(item.id)) throw itemNotFound();
  const answer = ranged(request, item);
  store.downloaded(item);
  return answer;
}

/** https://www.rfc-editor.org/rfc/rfc9110#name-range-requests, one range only. */
function ranged(request: SimRequest, item: DriveItemRecord): SimResponse {
  const content = contentOf(item);
  const headers = {
    "content-type": item.contentType,
    etag: eTagOf(item),
    "accept-ranges": "bytes",
    "last-modified": new Date(item.modifiedAt).toUTCString(),
    "content-disposition": `attachment;filename*=UTF-8''${encodeURIComponent(item.name)}`,
  };
  const ifRange = request.headers["if-range"];
  const range = /^bytes=(\d*)-(\d*)$/.exec(request.headers["range"] ?? "");
  if (!range || (range[1] === "" && range[2] === "") || (ifRange !== undefined && ifRange !== headers.etag)) return { status: 200, headers, body: content };
  const start = range[1] === "" ? Math.max(0, content.length - Number(range[2])) : Number(range[1]);
  const end = range[1] === "" || range[2] === "" ? content.length - 1 : Math.min(Number(range[2]), content.length - 1);
  if (start >= content.length || start > end) return { status: 416, headers: { ...headers, "content-range": `bytes */${content.length}` } };
  return { status: 206, headers: { ...headers, "content-range": `bytes ${start}-${end}/${content.length}` }, body: content.subarray(start, end + 1) };
}

function upload(world: SimWorld, store: DriveStore, request: SimRequest): SimResponse {
  const id = request.url.searchParams.get("guid")?.replaceAll("'", "") ?? "";
  const session = store.sessions.get(id);
  if (!session || session.expiresAt <= world.now()) throw itemNotFound("The upload session was not found.");
  if (request.method === "GET") return progress(session, 200);
  if (request.method === "DELETE") {
    store.sessions.delete(id);
    return { status: 204 };
  }
  if (request.method !== "PUT") throw new GraphFault(405, "invalidRequest", "The HTTP method is not allowed here.");
  const range = parseRange(session, request);
  refuseOverQuota(store, session.drive, range.total);
  session.total = range.total;
  session.received.push(request.body);
  session.next = range.end + 1;
  return session.next < range.total ? progress(session, 202) : commit(world, store, session);
}

const progress = (session: UploadSession, status: number): SimResponse => ({
  status,
  body: { expirationDateTime: new Date(session.expiresAt).toISOString(), nextExpectedRanges: [`${session.next}-${session.total === null ? "" : session.total - 1}`] },
});

function parseRange(session: UploadSession, request: SimRequest): { end: number; total: number } {
  const match = /^bytes (\d+)-(\d+)\/(\d+)$/.exec(request.headers["content-range"] ?? "");
  if (!match) throw new GraphFault(400, "invalidRequest", "The Content-Range header is missing or malformed.");
  const [start, end, total] = [Number(match[1]), Number(match[2]), Number(match[3])];
  if (end - start + 1 !== request.body.length || end >= total) throw new GraphFault(400, "invalidRequest", "The Content-Range header does not match the length of the body.");
  if (request.body.length > FRAGMENT_LIMIT) throw new GraphFault(413, "fragmentTooLarge", "The fragment exceeds the maximum of 60 MiB.");
  if (session.total !== null && session.total !== total) throw new GraphFault(400, "invalidRequest", "The total size may not change between fragments.");
  if (start !== session.next) throw new GraphFault(416, "invalidRange", start < session.next ? "The fragment overlaps with data that was received already." : "The fragment does not follow the data received so far.");
  if (end + 1 < total && request.body.length % FRAGMENT_UNIT !== 0) throw new GraphFault(400, "invalidRequest", "The fragment size must be a multiple of 320 KiB.");
  return { end, total };
}

function commit(world: SimWorld, store: DriveStore, session: UploadSession): SimResponse {
  const name = resolveName(store, session.parent, session.name, session.conflict);
  const replaces = session.parent.children.has(name.toLowerCase());
  const content = Buffer.concat(session.received);
  store.sessions.delete(session.id);
  const file = store.putFile(session.parent, name, content, { size: content.length, by: session.by });
  return { status: replaces ? 200 : 201, body: itemEntity({ tenant: session.drive.tenant, world }, store, file) };
}
