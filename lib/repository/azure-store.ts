/** Objects as block blobs in an Azure Storage container. */
import { randomUUID } from "node:crypto";
import { AnonymousCredential, ContainerClient, newPipeline, RestError, StorageSharedKeyCredential } from "@azure/storage-blob";
import { agentsFor, createCloudStore, faultOf, lockEnd, readBody, type CloudOptions, type Service } from "./cloud-store";
import type { AzureSettings } from "./stores";
import type { ObjectStore } from "./types";

export function createAzureStore({ account, endpoint, container, credential, lockDays }: AzureSettings, options: CloudOptions = {}): ObjectStore {
  const agents = agentsFor(options);
  const agent = endpoint.startsWith("https:") ? agents.https : agents.http;
  const pipeline = newPipeline("key" in credential ? new StorageSharedKeyCredential(account, credential.key) : new AnonymousCredential(), { retryOptions: { maxTries: 1 } });
  pipeline.factories.unshift({ create: (next) => ({ sendRequest: (request) => next.sendRequest(Object.assign(request, { agent })) }) });
  const sas = "sas" in credential ? `?${credential.sas.replace(/^\?/, "")}` : "";
  const client = new ContainerClient(`${endpoint}/${container}${sas}`, pipeline);
  const isNew = { conditions: { ifNoneMatch: "*" } };
  const lockedUntil = (expiriesOn: Date) => ({ policyMode: "Locked" as const, expiriesOn });
  const lock = () => lockDays === null ? {} : { immutabilityPolicy: lockedUntil(lockEnd(lockDays)) };

  const service: Service = {
    put: (key, bytes, abortSignal) => client.getBlockBlobClient(key).upload(Buffer.from(bytes), bytes.length, { ...isNew, ...lock(), abortSignal }),
    begin(key) {
      const blob = client.getBlockBlobClient(key);
      // Blocks that wait belong to the name: two writers must not take each other's.
      const writer = randomUUID();
      const ids: string[] = [];
      return Promise.resolve({
        async part(bytes, abortSignal) {
          const id = Buffer.from(`${writer}-${String(ids.length).padStart(6, "0")}`).toString("base64");
          await blob.stageBlock(id, Buffer.from(bytes), bytes.length, { abortSignal });
          ids.push(id);
        },
        finish: (abortSignal) => blob.commitBlockList(ids, { ...isNew, ...lock(), abortSignal }),
        abandon: () => Promise.resolve(), // Azure forgets blocks that were not committed after a week.
      });
    },
    async read(key, range, abortSignal) {
      const { readableStreamBody } = await client.getBlobClient(key).download(range?.from, range?.bytes, { abortSignal, maxRetryRequests: 0 });
      return readBody(readableStreamBody as AsyncIterable<Uint8Array>, abortSignal);
    },
    async look(key, abortSignal) {
      try {
        const { immutabilityPolicyMode: mode, immutabilityPolicyExpiresOn: until } = await client.getBlobClient(key).getProperties({ abortSignal });
        return { lockedUntil: (mode?.toLowerCase() === "locked" && until) || null };
      } catch (error) {
        if (service.fault(error).status === 404) return null;
        throw error;
      }
    },
    lock: (key, until, abortSignal) => client.getBlobClient(key).setImmutabilityPolicy(lockedUntil(until), { abortSignal }),
    async page(prefix, maxPageSize, continuationToken, abortSignal) {
      const pages = client.listBlobsFlat({ prefix, abortSignal }).byPage({ maxPageSize, ...(continuationToken ? { continuationToken } : {}) });
      const { value } = await pages.next() as { value: { segment: { blobItems: { name: string; properties: { contentLength?: number; lastModified: Date } }[] }; continuationToken?: string } };
      return {
        objects: value.segment.blobItems.map(({ name, properties }) => ({ key: name, size: properties.contentLength ?? 0, modified: properties.lastModified })),
        next: value.continuationToken || undefined,
      };
    },
    remove: async (key, abortSignal) => void (await client.getBlobClient(key).deleteIfExists({ abortSignal })),
    fault: (error) => error instanceof RestError
      ? { status: error.statusCode ?? 0, code: String((error.details as { errorCode?: string } | undefined)?.errorCode ?? error.code ?? error.name) }
      : faultOf(error),
  };

  return createCloudStore(service, lockDays, options);
}
