/** Runs once when the web process starts: a bad variable or a database of another version ends it at once, by name, instead of failing each page. */
export async function register(): Promise<void> {
  if (process.env.NEXT_RUNTIME !== "nodejs") return;
  const { startWeb } = await import("./app/start");
  try {
    await startWeb();
  } catch (error) {
    console.error(error instanceof Error ? error.message : error);
    process.exit(1);
  }
}
