import { defineConfig } from "prisma/config";

// Migrations are plain SQL in prisma/migrations, applied by lib/db/migrate.ts; Prisma only generates the client. Its
// native schema engine (a download) is not needed for that, so the CLI is told not to look for one.
process.env.PRISMA_SCHEMA_ENGINE_BINARY ??= process.execPath;

export default defineConfig({ schema: "prisma/schema.prisma" });
