/** Headers that hold for every response; the Content-Security-Policy with its nonce is set in proxy.ts. */
const headers = [
  { key: "X-Content-Type-Options", value: "nosniff" },
  { key: "X-Frame-Options", value: "DENY" },
  { key: "Referrer-Policy", value: "no-referrer" },
  { key: "Permissions-Policy", value: "camera=(), microphone=(), geolocation=(), payment=(), usb=(), browsing-topics=()" },
  { key: "Cross-Origin-Opener-Policy", value: "same-origin" },
  { key: "Cross-Origin-Resource-Policy", value: "same-origin" },
];

/**
 * Server actions are named by a hash with this key, which Next would make up anew for each build: a page that was opened before an upgrade, or
 * comes from a process of the other version, could then do nothing any more. It protects nothing: no action closes over a value,
 * and each of them authorises whoever calls it.
 */
process.env.NEXT_SERVER_ACTIONS_ENCRYPTION_KEY ??= Buffer.from("planback's actions in each build").toString("base64");

/** @type {import("next").NextConfig} */
const config = {
  // For the container: the server with only what it needs of node_modules (deploy/Dockerfile).
  ...(process.env.PLANBACK_STANDALONE ? { output: "standalone", outputFileTracingRoot: import.meta.dirname, distDir: process.env.PLANBACK_STANDALONE } : {}),
  poweredByHeader: false,
  // `npm test` checks types of the whole project in one step of its own.
  typescript: { ignoreBuildErrors: true },
  reactStrictMode: true,
  serverExternalPackages: ["@prisma/client", "@prisma/adapter-pg", "pg", "pg-boss", "@azure/msal-node", "@aws-sdk/client-kms", "@aws-sdk/client-s3", "@azure/storage-blob", "pino", "prom-client", "nodemailer"],
  headers: async () => [{ source: "/:path*", headers }],
};

export default config;
