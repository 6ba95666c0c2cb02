/** Brings the database of DATABASE_URL (its owner) to the state this build needs. */
import { valueOf } from "@/lib/config";
import { migrate } from "@/lib/db/migrate";
import { PlanbackError } from "@/lib/errors";

try {
  const url = valueOf(process.env, "DATABASE_URL");
  if (!url) throw new PlanbackError("config", "DATABASE_URL is missing. It is explained in .env.example.");
  const applied = await migrate(url);
  console.log(applied.length ? `Applied: ${applied.join(", ")}` : "The database is up to date.");
} catch (error) {
  console.error(error instanceof PlanbackError ? error.message : error);
  process.exitCode = 1;
}
