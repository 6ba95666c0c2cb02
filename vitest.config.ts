import path from "node:path";
import { defineConfig } from "vitest/config";
import { mutation } from "./mutation/plugin";

const alias = { "@": path.resolve(import.meta.dirname) };

/** unit: no database, no server processes. integration: real Postgres (DATABASE_URL) and the simulator in-process. mutation: the other two, with protections removed. */
export default defineConfig({
  resolve: { alias },
  test: {
    // By default one core is left to the person at the machine.
    maxWorkers: 2,
    projects: [
      { resolve: { alias }, plugins: [mutation()], test: { name: "unit", include: ["**/*.test.ts"], exclude: ["**/*.integration.test.ts", "mutation/**", "node_modules/**", ".data/**", "e2e/**"], testTimeout: 30_000 } },
      { resolve: { alias }, plugins: [mutation()], test: { name: "integration", include: ["**/*.integration.test.ts"], exclude: ["node_modules/**", ".data/**", "e2e/**"], testTimeout: 120_000, hookTimeout: 120_000 } },
      { resolve: { alias }, test: { name: "mutation", include: ["mutation/*.test.ts"], testTimeout: 240_000 } },
    ],
  },
});
