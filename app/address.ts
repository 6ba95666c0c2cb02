/** The request header in which proxy.ts tells pages and actions the path and query that the browser shows. */
export const ADDRESS_HEADER = "x-planback-address";
