import { openApiDocument } from "@/lib/api/document";
import { config } from "@/lib/config";

/** The document of the API: for everybody, also without a key. */
export function GET(): Response {
  return Response.json(openApiDocument(config().appOrigin), { headers: { "Cache-Control": "no-store" } });
}
