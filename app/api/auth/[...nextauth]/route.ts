import NextAuth from "next-auth";
import { NextResponse } from "next/server";
import { authOptions } from "@/app/auth-options";
import { config } from "@/lib/config";

interface Context { params: Promise<{ nextauth: string[] }> }

const handle = (request: Request, context: Context): Promise<Response> => NextAuth(authOptions())(request, context) as Promise<Response>;

/** Microsoft's own error codes are shown in words on the sign-in page; everything else is next-auth's. */
export async function GET(request: Request, context: Context): Promise<Response> {
  const { searchParams, pathname } = new URL(request.url);
  const code = /AADSTS\d{4,7}/.exec(searchParams.get("error_description") ?? "")?.[0];
  if (code && code !== "AADSTS65004" && pathname.endsWith("/callback/microsoft")) {
    return NextResponse.redirect(new URL(`/sign-in?error=${code}`, config().appOrigin), 303);
  }
  return handle(request, context);
}

export const POST = handle;
