export { boardFormatPath, createGraph, groupPath, peopleOfGroupPath, taskMessagesPath, threadPostsPath, userPath, type GraphOptions } from "./api";
export { bodyIfExists, bodyOfAnswer } from "./batch";
export { createGovernor, governorFor, type Governor, type GovernorOptions } from "./governor";
export type * from "./types";
