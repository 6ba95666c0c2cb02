/** Runs once when the web process starts: a bad variable, or a key that is missing, ends it at once, by name, instead of failing each page. */
export async function register(): Promise<void> {
  if (process.env.NEXT_RUNTIME !== "nodejs") return;
  const { config } = await import("@/lib/config");
  const { isPlanbackError } = await import("@/lib/errors");
  const { refuseMissingKeys } = await import("@/lib/workspaces/rewrap");
  try {
    config();
    await refuseMissingKeys();
  } catch (error) {
    if (isPlanbackError(error, "database_unavailable", "keys_unavailable")) return; // it may come; /readyz says so meanwhile
    console.error(error instanceof Error ? error.message : error);
    process.exit(1);
  }
}
