import { PlanbackError } from "@/lib/errors";
import { problem } from "../serve";

const absent = (): Response => problem(new PlanbackError("not_found", "The API has no such address. See /help/api for those it has."));

export { absent as GET, absent as POST, absent as PUT, absent as PATCH, absent as DELETE };
