/** Words that the seed makes plans and tasks of. */
export interface PlanTheme {
  titles: string[];
  buckets: string[];
  labels: string[];
  verbs: string[];
  objects: string[];
}

export const THEMES: PlanTheme[] = [
  {
    titles: ["Autumn campaign", "Website relaunch", "Brand refresh", "Newsletter calendar", "Trade fair Hannover"],
    buckets: ["Ideas", "Drafting", "Review", "Published"],
    labels: ["Social", "Web", "Print", "Video", "Legal check", "Budget"],
    verbs: ["Write", "Design", "Review", "Publish", "Translate", "Book"],
    objects: ["landing page for returning customers", "press kit", "LinkedIn series on sustainability", "customer story with Adatum", "booth graphics", "photo shoot in Lisbon", "FAQ for the new tariff", "e-mail to inactive leads"],
  },
  {
    titles: ["Release 12.4", "Platform backlog", "Mobile app", "API deprecations", "Tech debt"],
    buckets: ["Backlog", "Next", "In progress", "Code review", "Done"],
    labels: ["Bug", "Feature", "Security", "Performance", "Docs", "Blocked"],
    verbs: ["Fix", "Investigate", "Refactor", "Document", "Benchmark", "Remove"],
    objects: ["time-out in the export job", "OAuth token refresh", "n+1 query on the board page", "flaky test suite", "dark mode contrast", "crash on Android 15", "retry storm after deploy", "JSON schema v3"],
  },
  {
    titles: ["Month-end close", "Budget 2027", "Audit preparation", "Travel policy", "Vendor payments"],
    buckets: ["To do", "Waiting for others", "Done"],
    labels: ["Q1", "Q2", "Q3", "Q4", "Urgent", "External"],
    verbs: ["Reconcile", "Approve", "Collect", "Check", "Archive", "Explain"],
    objects: ["bank statements", "accruals for marketing", "invoice 2026-1187 (Woodgrove)", "cost centres without owner", "VAT return", "intercompany balances", "petty cash Zürich", "depreciation table"],
  },
  {
    titles: ["Onboarding", "Office move", "Company offsite", "Training catalogue", "Recruiting pipeline"],
    buckets: ["Before", "First week", "First month", "Later"],
    labels: ["HR", "IT", "Facilities", "Manager", "Buddy"],
    verbs: ["Order", "Prepare", "Invite", "Plan", "Book", "Set up"],
    objects: ["laptop and badge", "welcome lunch 🍜", "desk next to the window", "first-aid course", "interview panel", "moving boxes", "catering for 40 people", "parking permits"],
  },
  {
    titles: ["Customer rollout", "Incident follow-ups", "Service improvements", "Migration wave 2", "Supplier review"],
    buckets: ["Planned", "Running", "On hold", "Closed"],
    labels: ["Customer", "Internal", "Risk", "SLA", "Waiting"],
    verbs: ["Call", "Schedule", "Escalate", "Verify", "Negotiate", "Close"],
    objects: ["kick-off with Northwind", "root cause of the outage on 3 May", "contract renewal", "data import for branch 7", "delivery dates", "workshop <draft>", "capacity for peak season", "penalty clause “§ 4.2”"],
  },
];

export const LABEL_POOL = [
  "Pink flag", "Idea", "Must have", "Nice to have", "Review", "Blocked", "Waiting", "Quick win", "Research", "Cost", "Safety", "Team A", "Team B", "Team C", "Phase 1", "Phase 2", "Phase 3", "EMEA", "APAC",
  "Americas", "Public", "Confidential", "Draft", "Final", "Archive",
];

export const DESCRIPTIONS = [
  "Please keep the tone friendly and short.\n\nContext: last year's version got 4,200 views.",
  "1. Collect numbers\n2. Compare with plan\n3. Write a two-line summary",
  "Blocked until the contract is signed. Ask Priya before you promise a date.",
  "See the attached file; the second sheet is the current one.",
  "Ünïcode check: Zürich, São Paulo, 東京, Αθήνα, 🚀 — should survive a restore.",
  "If <b>this</b> shows bold somewhere, somebody forgot to escape it.",
];

export const CHECKLISTS = [
  ["Draft", "Peer review", "Approval", "Publish"],
  ["Reproduce", "Write failing test", "Fix", "Release note"],
  ["Ask three suppliers", "Compare offers", "Order"],
  ["Agenda", "Invitations", "Room", "Minutes"],
];

export const COMMENTS = [
  "I can take this one over on Monday.",
  "Numbers look right to me. Only the footer is missing.",
  "Can we move the due date by a week? The supplier is late.",
  "Done on my side.\nPlease have a look & close it.",
  "Who owns the follow-up?",
  "Great work 👏",
];

/** Links that lead out of the tenant; Planback never dials them. */
export const OUTSIDE_LINKS = [
  { url: "https://www.wikipedia.org/wiki/Kanban_(development)?lang=en#Principles", alias: "Kanban", type: "Other" },
  { url: "https://status.example/incidents/2026/05?id=42&view=100%25", alias: "Incident page", type: "Other" },
  { url: "https://user@files.example:8443/a.b/c%20d.pdf", alias: "Partner share", type: "Pdf" },
];

export const FILE_NAMES = [
  { name: "Project brief.docx", type: "Word", size: 24_800 },
  { name: "Budget & forecast.xlsx", type: "Excel", size: 61_300 },
  { name: "Kick-off #2 (final).pptx", type: "PowerPoint", size: 148_000 },
  { name: "Zürich floor plan.pdf", type: "Pdf", size: 212_000 },
  { name: "logo.png", type: "Other", size: 9_400 },
  { name: "notes 100%.txt", type: "Other", size: 1_200 },
];
