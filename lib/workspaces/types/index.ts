/** What lib/workspaces gives to the web: plain data, safe to hand to a client component. Dates are ISO strings. */
export type * from "./connections";
export type * from "./messages";
export type * from "./overview";
export type * from "./people";
export type * from "./plans";
export type * from "./policies";
export type * from "./restores";
export type * from "./runs";
export type * from "./storage";
