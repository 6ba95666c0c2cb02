import "server-only";
import { cookies, headers } from "next/headers";
import { redirect } from "next/navigation";
import { getToken } from "next-auth/jwt";
import { cache } from "react";
import { config } from "@/lib/config";
import { readSession } from "@/lib/workspaces";
import type { Actor } from "@/lib/workspaces/types";
import { ADDRESS_HEADER } from "./address";
import { localPath } from "./local-path";
import { isSecure } from "./auth-options";
import { clientAddress } from "./client-address";

/** The signed-in person by the session row behind the cookie; null when there is none (any more). Once per request. */
export const currentActor = cache(async (): Promise<Actor | null> => {
  const jar = Object.fromEntries((await cookies()).getAll().map(({ name, value }) => [name, value]));
  const req = { headers: Object.fromEntries(await headers()), cookies: jar } as unknown as Parameters<typeof getToken>[0]["req"];
  const token = await getToken({ req, secret: config().sessionSecret, secureCookie: isSecure() });
  return typeof token?.sid === "string" ? readSession(token.sid, await currentAddress()) : null;
});

/** Where this request came from, as far as that can be known. */
export async function currentAddress(): Promise<string | null> {
  return clientAddress((await headers()).get("x-forwarded-for"), config().proxyHops);
}

/** The signed-in person; sends everybody else to the sign-in page. */
export async function requireActor(): Promise<Actor> {
  return (await currentActor()) ?? toSignIn();
}

/** The page that asks to sign in once more, and leads back to the page where the person is. */
export async function stepUpAddress(): Promise<string> {
  return `/sign-in/again?callbackUrl=${encodeURIComponent(localPath((await headers()).get(ADDRESS_HEADER) ?? undefined))}`;
}

export async function toStepUp(): Promise<never> {
  redirect(await stepUpAddress());
}

/** Sends to the sign-in page, which leads back to the address that was asked for. */
export async function toSignIn(): Promise<never> {
  const address = localPath((await headers()).get(ADDRESS_HEADER) ?? undefined);
  redirect(address === "/" ? "/sign-in" : `/sign-in?callbackUrl=${encodeURIComponent(address)}`);
}
