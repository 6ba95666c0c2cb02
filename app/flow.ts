import "server-only";
import { cookies } from "next/headers";
import { redirect } from "next/navigation";
import { isSecure } from "./auth-options";
import { logUnexpected } from "./log";

/** Binds a trip to Microsoft to the browser where it began. Lax: the way back is a navigation from another site. */
const FLOW_COOKIE = "planback-flow";
/** Ten minutes for each of the two legs of a consent. */
const MAX_AGE_SECONDS = 20 * 60;

const options = () => ({ httpOnly: true, sameSite: "lax", secure: isSecure(), path: "/", maxAge: MAX_AGE_SECONDS }) as const;

/** Sends the browser on its trip, with the cookie that its answer must come back with. */
export async function followFlow({ url, flowCookie }: { url: string; flowCookie: string }): Promise<never> {
  (await cookies()).set(FLOW_COOKIE, flowCookie, options());
  redirect(url);
}

export async function readFlowCookie(): Promise<string | null> {
  return (await cookies()).get(FLOW_COOKIE)?.value ?? null;
}

/** The page that tells of an unexpected end of a trip, with the id of its entry in the log. */
export const failedPage = (error: unknown): string => `/consent/result?outcome=failed&id=${logUnexpected(error)}`;

export async function clearFlowCookie(): Promise<void> {
  (await cookies()).delete(FLOW_COOKIE);
}
