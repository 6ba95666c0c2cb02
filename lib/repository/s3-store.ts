/** Objects in an S3 bucket, or one of a service that speaks S3 and honours `If-None-Match: *` on writes. */
import {
  AbortMultipartUploadCommand, CompleteMultipartUploadCommand, CreateMultipartUploadCommand, DeleteObjectCommand, GetObjectCommand, HeadObjectCommand, ListObjectsV2Command,
  PutObjectCommand, PutObjectRetentionCommand, S3Client, S3ServiceException, UploadPartCommand, type CompletedPart,
} from "@aws-sdk/client-s3";
import { agentsFor, createCloudStore, faultOf, lockEnd, readBody, type CloudOptions, type Service } from "./cloud-store";
import type { S3Settings } from "./stores";
import type { ObjectStore } from "./types";

export function createS3Store(settings: S3Settings, options: CloudOptions = {}): ObjectStore {
  const { bucket: Bucket, region, endpoint, accessKey, lockDays } = settings;
  const agents = agentsFor(options);
  const client = new S3Client({
    region, maxAttempts: 1, requestHandler: { httpAgent: agents.http, httpsAgent: agents.https, connectionTimeout: 5_000 },
    ...(endpoint ? { endpoint, forcePathStyle: true } : {}),
    ...(accessKey ? { credentials: { accessKeyId: accessKey.id, secretAccessKey: accessKey.secret } } : {}),
  });
  const lock = () => lockDays === null ? {} : { ObjectLockMode: "COMPLIANCE" as const, ObjectLockRetainUntilDate: lockEnd(lockDays) };

  const service: Service = {
    put: (Key, Body, abortSignal) => client.send(new PutObjectCommand({ Bucket, Key, Body, IfNoneMatch: "*", ...lock() }), { abortSignal }),
    async begin(Key, abortSignal) {
      const { UploadId } = await client.send(new CreateMultipartUploadCommand({ Bucket, Key, ...lock() }), { abortSignal });
      const Parts: CompletedPart[] = [];
      return {
        async part(Body, signal) {
          const PartNumber = Parts.length + 1;
          const { ETag, ChecksumCRC32 } = await client.send(new UploadPartCommand({ Bucket, Key, UploadId, PartNumber, Body }), { abortSignal: signal });
          Parts.push({ PartNumber, ETag, ChecksumCRC32 });
        },
        finish: (signal) => client.send(new CompleteMultipartUploadCommand({ Bucket, Key, UploadId, MultipartUpload: { Parts }, IfNoneMatch: "*" }), { abortSignal: signal }),
        abandon: async (signal) => void (await client.send(new AbortMultipartUploadCommand({ Bucket, Key, UploadId }), { abortSignal: signal })),
      };
    },
    async read(Key, range, abortSignal) {
      const Range = range ? `bytes=${range.from}-${range.from + range.bytes - 1}` : undefined;
      const { Body } = await client.send(new GetObjectCommand({ Bucket, Key, Range }), { abortSignal });
      return readBody(Body as unknown as AsyncIterable<Uint8Array>, abortSignal);
    },
    async look(Key, abortSignal) {
      try {
        const { ObjectLockMode: mode, ObjectLockRetainUntilDate: until } = await client.send(new HeadObjectCommand({ Bucket, Key }), { abortSignal });
        return { lockedUntil: (mode === "COMPLIANCE" && until) || null };
      } catch (error) {
        if (service.fault(error).status === 404) return null;
        throw error;
      }
    },
    lock: (Key, RetainUntilDate, abortSignal) => client.send(new PutObjectRetentionCommand({ Bucket, Key, Retention: { Mode: "COMPLIANCE", RetainUntilDate } }), { abortSignal }),
    async page(Prefix, MaxKeys, ContinuationToken, abortSignal) {
      const { Contents = [], NextContinuationToken: next } = await client.send(new ListObjectsV2Command({ Bucket, Prefix, MaxKeys, ContinuationToken }), { abortSignal });
      return { objects: Contents.map(({ Key, Size, LastModified }) => ({ key: Key!, size: Size!, modified: LastModified! })), next };
    },
    remove: async (Key, abortSignal) => void (await client.send(new DeleteObjectCommand({ Bucket, Key }), { abortSignal })),
    // Two writers at once: which of them was first is known when it is asked again.
    fault: (error) => error instanceof S3ServiceException
      ? { status: error.name === "ConditionalRequestConflict" ? 0 : (error.$metadata.httpStatusCode ?? 0), code: error.name }
      : faultOf(error),
  };

  return createCloudStore(service, lockDays, options);
}
