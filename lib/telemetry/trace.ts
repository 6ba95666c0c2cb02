/** Traces of jobs and of their requests to Microsoft, when somebody collects them: names of queues, patterns and ids, never content. */
import { context, SpanKind, SpanStatusCode, trace } from "@opentelemetry/api";

const tracer = () => trace.getTracer("planback");

/** Sends traces to `endpoint` (OTLP over HTTP) from now on. What that needs is loaded only then. Returns how to end it. */
export async function startTracing(endpoint: string, service: string, version: string): Promise<() => Promise<void>> {
  const [{ BatchSpanProcessor, TracerProvider }, { OTLPTraceExporter }, { AsyncLocalStorageContextManager }, { resourceFromAttributes }] = await Promise.all([
    import("@opentelemetry/sdk-trace"), import("@opentelemetry/exporter-trace-otlp-http"), import("@opentelemetry/context-async-hooks"), import("@opentelemetry/resources"),
  ]);
  const exporter = new OTLPTraceExporter({ url: `${endpoint.replace(/\/$/, "")}/v1/traces` });
  const provider = new TracerProvider({ resource: resourceFromAttributes({ "service.name": service, "service.version": version }), spanProcessors: [new BatchSpanProcessor({ exporter })] });
  context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable());
  trace.setGlobalTracerProvider(provider);
  return () => provider.shutdown().catch(() => undefined); // a collector that is away holds nobody up
}

/** The span of a job around `work`. */
export function tracedJob<T>(queue: string, ids: Record<string, string | number>, work: () => Promise<T>): Promise<T> {
  return tracer().startActiveSpan(`job ${queue}`, { kind: SpanKind.CONSUMER, attributes: { "planback.queue": queue, ...ids } }, async (span) => {
    try {
      return await work();
    } catch (error) {
      span.setStatus({ code: SpanStatusCode.ERROR });
      throw error;
    } finally {
      span.end();
    }
  });
}

/** The span of a request that has just ended. */
export function traceRequest({ method, template, status, ms, attempt, items }: { method: string; template: string; status: number | null; ms: number; attempt: number; items: number }): void {
  const end = Date.now();
  const attributes = { "http.request.method": method, "url.template": template, "http.request.resend_count": attempt - 1, "planback.items": items, ...(status === null ? {} : { "http.response.status_code": status }) };
  const span = tracer().startSpan(`${method} ${template}`, { kind: SpanKind.CLIENT, startTime: end - ms, attributes });
  if (status === null || status >= 400) span.setStatus({ code: SpanStatusCode.ERROR });
  span.end(end);
}
