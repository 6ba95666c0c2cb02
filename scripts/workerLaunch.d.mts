export const WORKER_FLAGS: string[];
export const WORKER_ENV: Record<string, string>;
