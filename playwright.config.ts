import { defineConfig, devices } from "@playwright/test";
import { chromiumPath } from "./scripts/browser";

/**
 * A person in a real browser, on the whole product as `npm run demo` starts it, with data of its own. With E2E_APP and
 * E2E_SIMULATOR set (origins) the tests drive a demo that runs already.
 */
const port = 3210;
const simulatorPort = 4910;
const running = process.env.E2E_APP !== undefined;
process.env.E2E_APP ??= `http://localhost:${port}`;
process.env.E2E_SIMULATOR ??= `http://localhost:${simulatorPort}`;

export default defineConfig({
  testDir: "e2e",
  // The long ones run with `npm run test:long`.
  testIgnore: process.env.PLANBACK_LONG ? [] : ["**/*.long.spec.ts"],
  timeout: 240_000, // on one slow core a whole story takes two minutes
  expect: { timeout: 15_000 },
  fullyParallel: false,
  workers: 1,
  retries: 0,
  forbidOnly: true,
  reporter: [["list"]],
  outputDir: "test-results",
  use: {
    baseURL: process.env.E2E_APP,
    actionTimeout: 20_000,
    navigationTimeout: 30_000,
    trace: "retain-on-failure",
    screenshot: "only-on-failure",
    launchOptions: {
      executablePath: chromiumPath(),
      args: ["--no-sandbox", "--disable-dev-shm-usage", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync"],
    },
  },
  projects: [{ name: "chromium", use: { ...devices["Desktop Chrome"] } }],
  webServer: running ? undefined : {
    command: `node scripts/run.mjs scripts/demo.ts --fresh --port ${port} --simulator-port ${simulatorPort} --data .data/e2e`,
    url: `http://localhost:${port}/readyz`,
    timeout: 300_000,
    // e2e/alerts.spec.ts and e2e/storage.spec.ts listen there.
    env: { SMTP_URL: "smtp://127.0.0.1:4925?ignoreTLS=true", MAIL_FROM: "Planback <planback@example.com>", OWN_STORAGE_HOSTS: "127.0.0.1:4930", OWN_STORAGE_PRIVATE: "true" },
    gracefulShutdown: { signal: "SIGTERM", timeout: 30_000 },
    stdout: "ignore",
    stderr: "pipe",
  },
});
