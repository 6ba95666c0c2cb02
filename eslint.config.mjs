import next from "eslint-config-next/core-web-vitals";
import nextTypescript from "eslint-config-next/typescript";

/** Directions of imports (docs/architecture.md): a room on the left may not import from the rooms on the right. */
const forbidden = {
  "lib/planner": ["graph", "identity", "repository", "backup", "restore", "jobs", "workspaces", "db", "config", "notify"],
  "lib/graph": ["repository", "backup", "restore", "jobs", "workspaces", "db", "notify"],
  "lib/identity": ["graph", "repository", "backup", "restore", "jobs", "workspaces", "db", "notify"],
  "lib/repository": ["graph", "identity", "backup", "restore", "jobs", "workspaces", "db", "notify"],
  "lib/backup": ["identity", "restore", "jobs", "workspaces", "db", "notify"],
  "lib/restore": ["identity", "backup", "jobs", "workspaces", "db", "notify"],
  "lib/export": ["graph", "identity", "repository", "backup", "restore", "jobs", "workspaces", "db", "config", "notify"],
  "lib/notify": ["planner", "graph", "identity", "repository", "backup", "restore", "jobs", "workspaces", "db"],
  "lib/keys": ["planner", "graph", "identity", "backup", "restore", "jobs", "workspaces", "db", "notify"],
  "lib/api": ["graph", "identity", "repository", "backup", "restore", "jobs", "db", "notify"],
  "lib/config": ["planner", "graph", "identity", "repository", "backup", "restore", "jobs", "workspaces", "db", "notify"],
};
/** Files of lib/workspaces that see a whole workspace: what the worker calls, trips to Microsoft, look-ups by a secret, and authorise.ts itself. */
const WHOLE = [
  "apiKeys", "apiRequests", "authorise", "bundles", "condemned", "connect", "consent", "consentLinks", "creations", "deliveries", "dump", "erase", "flows", "incidents", "invitations", "keyCare", "keys", "kit", "ownStores", "places",
  "prune", "rebuild", "recovery", "repository", "reseal", "rewrap", "searchIndex", "sessions", "tokens", "watch", "workspaces",
];
const engine = ["planner", "graph", "repository", "backup", "restore", "export"];
const zone = (target, from, message) => ({ target: `./${target}`, from: `./${from}`, message });

const config = [
  { ignores: [".next/**", ".data/**", "lib/generated/**", "node_modules/**", "test-results/**", "playwright-report/**", "next-env.d.ts"] },
  ...next,
  ...nextTypescript,
  {
    files: ["**/*.ts", "**/*.tsx", "**/*.mjs"],
    rules: {
      "import/no-restricted-paths": ["error", {
        zones: [
          ...Object.entries(forbidden).flatMap(([target, rooms]) =>
            rooms.map((room) => zone(target, `lib/${room}`, `${target} must not know lib/${room}`))),
          zone("lib", "app", "lib must not import from app"),
          zone("lib", "components", "lib must not import from components"),
          zone("lib", "worker", "lib must not import from worker"),
          zone("lib", "simulator", "product code does not know the simulator"),
          zone("app", "simulator", "product code does not know the simulator"),
          zone("worker", "simulator", "product code does not know the simulator"),
          zone("components", "app", "components must not import from app"),
          zone("simulator", "lib", "the simulator stands alone"),
          zone("app", "lib/db", "only lib/workspaces and lib/jobs query the database"),
          zone("app", "lib/generated", "only lib/workspaces and lib/jobs query the database"),
          zone("components", "lib/generated", "only lib/workspaces and lib/jobs query the database"),
        ],
      }],
      "react/no-danger": "error",
      "@typescript-eslint/no-unused-vars": ["error", { argsIgnorePattern: "^_" }],
      "@typescript-eslint/no-explicit-any": "error",
    },
  },
  {
    files: ["app/**/*.tsx", "components/**/*.tsx"],
    ignores: ["components/ui/form.tsx"],
    rules: {
      "no-restricted-syntax": ["error", {
        selector: "JSXOpeningElement[name.name='form']:has(JSXAttribute[name.name='action']):not(:has(JSXAttribute[name.name='method']))",
        message: "React resets the fields of a form with an action: use Form of components/ui/form, or say method=\"get\".",
      }],
    },
  },
  {
    // Tests may put the product in front of the simulated Microsoft 365.
    files: ["**/*.test.ts", "lib/*/testing/**"],
    rules: { "import/no-restricted-paths": "off" },
  },
  {
    files: ["lib/workspaces/*.ts"],
    ignores: ["**/*.test.ts", "**/testing.ts", ...WHOLE.map((name) => `lib/workspaces/${name}.ts`)],
    rules: {
      "no-restricted-imports": ["error", { paths: [{ name: "@/lib/db", importNames: ["withWorkspace"], message: "A person's call sees what that member may see: inWorkspace, then asMember (authorise.ts)." }] }],
    },
  },
  ...engine.map((room) => ({
    files: [`lib/${room}/**/*.ts`],
    ignores: ["**/*.test.ts"],
    rules: {
      "no-restricted-imports": ["error", { patterns: [{ group: ["next", "next/*", "next-auth", "next-auth/*", "react", "react/*", "@prisma/*", "@/lib/generated/*"], message: "The engine knows nothing of Next, React or Prisma." }] }],
    },
  })),
];

export default config;
