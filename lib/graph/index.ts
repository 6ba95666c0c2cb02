export { boardFormatPath, createGraph, groupPath, peopleOfGroupPath, taskMessagesPath, threadPostsPath, userPath, usersWherePath, type GraphOptions } from "./api";
export { bodyIfExists, bodyOfAnswer } from "./batch";
export { expandQuery, expandSupport } from "./expand";
export { createGovernor, governorFor, governorKey, governorOf, onPauses, standingPauses, type Governor, type GovernorOptions } from "./governor";
export { LANES, type Lane } from "./lanes";
export { hashOfItem, QuickXorHash } from "./quickXorHash";
export type * from "./types";
