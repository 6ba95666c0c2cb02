import { z } from "zod";

/** Microsoft's clouds that have Planner. https://learn.microsoft.com/graph/deployments */
export const CLOUDS = ["global", "usGov", "usGovDod"] as const;
export type Cloud = (typeof CLOUDS)[number];

export interface CloudFacts {
  name: string;
  /** Who is in it, for a person who has to choose. */
  words: string;
  login: string;
  graph: string;
  /** What its SharePoint hosts end with. */
  sharepoint: string;
  /** Begins the names of its variables where it is not the installation's own cloud. */
  prefix: string;
}

export const CLOUD_FACTS: Readonly<Record<Cloud, CloudFacts>> = {
  global: {
    name: "Global", words: "Most organizations, and those with Microsoft 365 Government GCC.", prefix: "GLOBAL_",
    login: "https://login.microsoftonline.com", graph: "https://graph.microsoft.com", sharepoint: ".sharepoint.com",
  },
  usGov: {
    name: "GCC High", words: "Microsoft 365 Government GCC High: its people sign in at login.microsoftonline.us.", prefix: "GCC_HIGH_",
    login: "https://login.microsoftonline.us", graph: "https://graph.microsoft.us", sharepoint: ".sharepoint.us",
  },
  usGovDod: {
    name: "DoD", words: "Microsoft 365 Government DoD, for the United States Department of Defense only.", prefix: "DOD_",
    login: "https://login.microsoftonline.us", graph: "https://dod-graph.microsoft.us", sharepoint: ".sharepoint-mil.us",
  },
};

/** https://learn.microsoft.com/graph/api/resources/planner-overview: no call of Planner is there in China. */
export const NO_PLANNER_IN_CHINA = "Microsoft 365 operated by 21Vianet (China) has no Planner in Microsoft Graph, so there is nothing that Planback could read.";

/** A cloud that somebody names. */
export const cloudInput = z.enum(CLOUDS, {
  error: ({ input }) => (input === "china" ? NO_PLANNER_IN_CHINA : `Choose one of Microsoft's clouds: ${CLOUDS.map((cloud) => CLOUD_FACTS[cloud].name).join(", ")}. Nothing was changed.`),
});

/** Whether Microsoft's beta interface shows there what backups want of it. Task chat, for one, is in the global cloud only. */
export function extrasAllowed(cloud: Cloud): boolean {
  return cloud === "global";
}
