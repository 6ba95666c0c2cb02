/** Path words of Graph's own; everything else in a path may be somebody's id, name or address. */
const WORDS = new Set(
  ("me users groups members owners memberOf ownedObjects transitiveMemberOf microsoft.graph.group microsoft.graph.user organization licenseDetails " +
    "planner plans rosterPlans details buckets tasks assignedToTaskBoardFormat bucketTaskBoardFormat progressTaskBoardFormat messages $batch $ref $count " +
    "threads posts reply drive drives items root content createUploadSession shares driveItem directoryObjects getByIds v1.0 beta").split(" "),
);

/**
 * The shape of a request for logs and counters: no ids, names, queries or hosts. "/planner/tasks/{id}/details";
 * paths below a drive's root become "root:{path}".
 */
export function templateOf(path: string): string {
  const [pathname = ""] = path.replace(/^https?:\/\/[^/]*/, "").split("?");
  const root = pathname.indexOf("/root:");
  if (root >= 0) {
    const action = /:\/(content|createUploadSession)$/.exec(pathname)?.[1];
    return `${words(pathname.slice(0, root))}/root:{path}${action ? `:/${action}` : ""}`;
  }
  return words(pathname);
}

function words(pathname: string): string {
  return pathname
    .split("/")
    .map((segment) => (segment === "" || WORDS.has(segment) ? segment : "{id}"))
    .join("/")
    .replace(/^\/(v1\.0|beta)(?=\/|$)/, "");
}
