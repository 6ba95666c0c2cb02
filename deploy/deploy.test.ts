/** What can be said of container, compose file and chart without Docker or a cluster. */
import { spawnSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import path from "node:path";
import { beforeAll, describe, expect, test } from "vitest";
import { parse, parseAllDocuments } from "yaml";
import { VARIABLES } from "@/lib/config";
import { QUEUES } from "@/lib/db/queues";
import { metrics } from "@/lib/telemetry/metrics";
import manifest from "@/package.json";
import { findHelm } from "./helm";

const read = (file: string) => readFileSync(file, "utf8");
/** What the variables of a further cloud begin with. */
const CLOUD = /^(GCC_HIGH|DOD|GLOBAL)_/;
const operations = read("docs/operations.md");

test("every variable of the configuration is explained in .env.example and in docs/operations.md, and no other", () => {
  const example = read(".env.example");
  expect([...example.matchAll(/^(?:# )?([A-Z][A-Z0-9_]+)=/gm)].map(([, name]) => name!.replace(CLOUD, ""))).toEqual(expect.arrayContaining(VARIABLES));
  expect([...example.matchAll(/^(?:# )?([A-Z][A-Z0-9_]+)=/gm)].map(([, name]) => name!.replace(CLOUD, "")).filter((name) => !VARIABLES.includes(name))).toEqual([]);
  expect(VARIABLES.filter((name) => !operations.includes(`\`${name}\``))).toEqual([]);
});

test("every metric and every queue is told in docs/operations.md", async () => {
  const own = (await metrics().registry.getMetricsAsJSON()).map(({ name }) => name).filter((name) => name.startsWith("planback_"));
  expect(own.length).toBeGreaterThan(10);
  expect(own.filter((name) => !operations.includes(`\`${name}\``))).toEqual([]);
  expect(QUEUES.filter(({ name }) => !operations.includes(`\`${name}\``)).map(({ name }) => name)).toEqual([]);
});

test("links between the documents lead somewhere", () => {
  for (const file of ["docs/operations.md", "docs/scaling.md"]) {
    for (const [, target, anchor] of read(file).matchAll(/\]\(([\w./-]*)(#[\w-]+)?\)/g)) {
      const at = target ? path.join(path.dirname(file), target) : file;
      if (!anchor) expect(existsSync(at), `${file}: ${target}`).toBe(true);
      const text = existsSync(at) ? read(at) : "";
      const anchors = [...text.matchAll(/^#+ (.*)$/gm)].map(([, title]) => `#${title!.toLowerCase().replace(/[^\w\s-]/g, "").trim().replaceAll(" ", "-")}`);
      if (anchor) expect(anchors, `${file}: ${target}${anchor}`).toContain(anchor);
    }
  }
});

describe("the container file", () => {
  const lines = read("deploy/Dockerfile").split("\n");
  const last = lines.slice(lines.findLastIndex((line) => line.startsWith("FROM ")));

  test("is built with the Node of the project, runs as somebody without rights, and starts what the bundle makes", () => {
    expect(lines).toContain(`ARG NODE=${manifest.dependencies.node}`);
    expect(last).toContain("USER 1000:1000");
    expect(last.filter((line) => line.startsWith("COPY"))).toEqual(["COPY --from=build /src/image /app"]);
  });
});

describe("the compose file", () => {
  interface Service { read_only?: boolean; cap_drop?: string[]; security_opt?: string[]; secrets?: string[]; environment?: Record<string, string>; command?: string[]; depends_on?: object; tmpfs?: string[] }
  const compose = parse(read("deploy/compose.yaml"), { merge: true }) as { services: Record<string, Service>; secrets: Record<string, { file: string }>; volumes: object };

  test("web, worker and migration are closed, wait for the migration, and get secrets as files only", () => {
    expect(Object.keys(compose.services)).toEqual(["postgres", "migrate", "web", "worker"]);
    for (const name of ["migrate", "web", "worker"]) {
      const service = compose.services[name]!;
      expect([name, service.read_only, service.cap_drop, service.security_opt]).toEqual([name, true, ["ALL"], ["no-new-privileges:true"]]);
      expect(service.tmpfs!.map((mount) => mount.split(":")[0])).toEqual(["/tmp", "/app/.next/cache"]);
      for (const [variable, value] of Object.entries(service.environment!)) {
        expect(VARIABLES).toContain(variable.replace(/_FILE$/, ""));
        if (variable.endsWith("_FILE")) expect(service.secrets).toContain(value.replace("/run/secrets/", ""));
        else expect(variable).not.toMatch(/SECRET|KEY|DATABASE_URL|SMTP/);
      }
    }
    expect(compose.services.worker!.command).toEqual(["/app/worker"]);
    expect(compose.services.web!.depends_on).toEqual({ migrate: { condition: "service_completed_successfully" } });
    const used = new Set(Object.values(compose.services).flatMap(({ secrets }) => secrets ?? []));
    expect(Object.keys(compose.secrets).sort()).toEqual([...used].sort());
  });
});

describe("the chart", () => {
  interface Container { name: string; command?: string[]; securityContext: object; env?: { name: string; value: string }[]; envFrom: { secretRef: { name: string } }[]; volumeMounts: { name: string; mountPath: string }[] }
  interface Pod { metadata: { labels: Record<string, string> }; spec: { securityContext: object; containers: Container[]; volumes: { name: string }[]; terminationGracePeriodSeconds?: number } }
  interface Thing { kind: string; metadata: { name: string; annotations?: Record<string, string> }; spec: { template?: Pod; replicas?: number; selector?: { matchLabels?: Record<string, string> }; maxReplicas?: number } }
  const CHART = "deploy/helm/planback";
  let helm: string | null;
  beforeAll(async () => void (helm = await findHelm()), 60_000);

  const run = (...args: string[]) => spawnSync(helm!, args, { encoding: "utf8", env: { ...process.env, HELM_CACHE_HOME: ".data/helm/cache", HELM_CONFIG_HOME: ".data/helm/config", HELM_DATA_HOME: ".data/helm/data" } });
  const render = (...set: string[]): Thing[] => {
    const { status, stdout, stderr } = run("template", "planback", CHART, ...set.flatMap((one) => ["--set", one]));
    expect(status, stderr).toBe(0);
    return parseAllDocuments(stdout).map((document) => {
      expect(document.errors).toEqual([]);
      return document.toJS() as Thing;
    }).filter(Boolean);
  };
  const kinds = (things: Thing[]) => things.map(({ kind, metadata }) => `${kind} ${metadata.name}`).sort();

  test("is linted and says where it cannot be used", (context) => {
    if (!helm) return context.skip("no helm for this platform");
    const { status, stdout } = run("lint", "--strict", CHART);
    expect([status, stdout]).toEqual([0, expect.stringContaining("0 chart(s) failed")]);
    const wrong = (set: string) => run("template", CHART, "--set", set);
    expect(wrong("config.INSTALLATION_KEY=x").status, "a secret among what is no secret").not.toBe(0);
    expect(wrong("config.APP_ORIGIN=planback.example.com").status).not.toBe(0);
    expect(wrong("existingSecret=").status).not.toBe(0);
  });

  test("renders web, worker and a migration that runs before them, all closed and with what they need to write", (context) => {
    if (!helm) return context.skip("no helm for this platform");
    const things = render();
    expect(kinds(things)).toEqual([
      "Deployment planback-web", "Deployment planback-worker", "Job planback-migrate", "PersistentVolumeClaim planback", "PodDisruptionBudget planback-web", "PodDisruptionBudget planback-worker",
      "Service planback", "Service planback-metrics", "ServiceAccount planback",
    ]);
    const pods = things.filter(({ spec }) => spec?.template).map(({ spec }) => spec.template!);
    expect(pods).toHaveLength(3);
    for (const { spec } of pods) {
      expect(spec.securityContext).toMatchObject({ runAsNonRoot: true, runAsUser: 1000, seccompProfile: { type: "RuntimeDefault" } });
      for (const container of spec.containers) {
        expect(container.securityContext).toEqual({ allowPrivilegeEscalation: false, readOnlyRootFilesystem: true, capabilities: { drop: ["ALL"] } });
        expect(container.volumeMounts.map(({ name }) => name).filter((name) => !spec.volumes.some((volume) => volume.name === name))).toEqual([]);
        expect(container.volumeMounts.map(({ mountPath }) => mountPath)).toContain("/tmp");
        expect((container.env ?? []).filter(({ name }) => !VARIABLES.includes(name))).toEqual([]);
        expect(container.envFrom).toEqual([{ secretRef: { name: "planback" } }]);
      }
    }
    const job = things.find(({ kind }) => kind === "Job")!;
    expect(job.metadata.annotations).toMatchObject({ "helm.sh/hook": "pre-install,pre-upgrade" });
    const worker = things.find(({ kind, metadata }) => kind === "Deployment" && metadata.name === "planback-worker")!.spec.template!.spec;
    expect([worker.containers[0]!.command, worker.terminationGracePeriodSeconds]).toEqual([["/app/worker"], 30]);
    for (const { kind, spec } of things) if (kind === "Deployment") expect(spec.template!.metadata.labels).toMatchObject(spec.selector!.matchLabels!);
  });

  test("renders everything that may be switched on, for many tenants", (context) => {
    if (!helm) return context.skip("no helm for this platform");
    const things = render("web.autoscaling.enabled=true", "worker.autoscaling.enabled=true", "worker.autoscaling.maxReplicas=200", "networkPolicy.enabled=true", "serviceMonitor.enabled=true",
      "ingress.enabled=true", "ingress.tlsSecret=tls", "persistence.enabled=false", "migrationSecret=owner", "files[0].name=credentials", "files[0].secretName=certificates", "config.OPERATORS=a:b");
    expect(kinds(things)).toEqual(expect.arrayContaining(["HorizontalPodAutoscaler planback-web", "HorizontalPodAutoscaler planback-worker", "Ingress planback", "NetworkPolicy planback", "NetworkPolicy planback-web", "ServiceMonitor planback"]));
    expect(kinds(things)).not.toContain("PersistentVolumeClaim planback");
    const web = things.find(({ kind, metadata }) => kind === "Deployment" && metadata.name === "planback-web")!;
    expect(web.spec.replicas).toBeUndefined();
    expect(web.spec.template!.spec.containers[0]!.volumeMounts).toContainEqual({ name: "file-credentials", mountPath: "/etc/planback/credentials", readOnly: true });
    expect(things.find(({ kind, metadata }) => kind === "HorizontalPodAutoscaler" && metadata.name === "planback-worker")!.spec.maxReplicas).toBe(200);
    expect(things.find(({ kind }) => kind === "Job")!.spec.template!.spec.containers[0]!.envFrom).toEqual([{ secretRef: { name: "owner" } }]);
  });
});
