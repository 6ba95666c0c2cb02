import path from "node:path";
import { defineConfig } from "vitest/config";

const alias = { "@": path.resolve(import.meta.dirname) };

/** unit: no database, no server processes. integration: real Postgres (DATABASE_URL) and the simulator in-process. */
export default defineConfig({
  resolve: { alias },
  test: {
    projects: [
      { resolve: { alias }, test: { name: "unit", include: ["**/*.test.ts"], exclude: ["**/*.integration.test.ts", "node_modules/**", ".data/**", "e2e/**"], testTimeout: 30_000 } },
      { resolve: { alias }, test: { name: "integration", include: ["**/*.integration.test.ts"], exclude: ["node_modules/**", ".data/**", "e2e/**"], testTimeout: 120_000, hookTimeout: 120_000, fileParallelism: false } },
    ],
  },
});
