import type { SimGroup } from "../model";

export interface GroupSpec {
  name: string;
  description: string | null;
  visibility: SimGroup["visibility"];
}

export const FIRST_NAMES = [
  "Amara", "Bjørn", "Clara", "Dmitri", "Elif", "Farid", "Grace", "Hana", "Ivan", "Jolanta", "Kofi", "Leila", "Mateo", "Nadia", "Oskar", "Paula", "Quentin", "Rosa",
  "Samir", "Tove", "Ulrich", "Vera", "Wanda", "Xavier", "Yara", "Zoltan",
];
export const LAST_NAMES = [
  "Abbott", "Becker", "Castillo", "Dubois", "Eriksen", "Ferrari", "García", "Haddad", "Ishikawa", "Jansen", "Kowalska", "Lindqvist", "Moreau", "Novák", "O'Brien", "Petrov", "Quinn",
  "Rossi", "Silva", "Tanaka", "Ullmann", "Varga", "Walsh", "Yılmaz", "Zhang",
];

/** Ordinary Microsoft 365 groups of Contoso, besides those with fixed ids. */
export const MORE_GROUPS: GroupSpec[] = [
  { name: "Sales EMEA", description: "Europe, Middle East and Africa", visibility: "Public" },
  { name: "Sales Americas", description: null, visibility: "Public" },
  { name: "Customer Success", description: "Onboarding and renewals", visibility: "Public" },
  { name: "Support Desk", description: "First and second line", visibility: "Public" },
  { name: "Human Resources", description: "People operations", visibility: "Private" },
  { name: "Recruiting", description: null, visibility: "Private" },
  { name: "IT Operations", description: "Devices, network and identity", visibility: "Public" },
  { name: "Security", description: "Incidents and posture", visibility: "Private" },
  { name: "Data Platform", description: "Pipelines and warehouse", visibility: "Public" },
  { name: "Design Studio", description: "Product design and research", visibility: "Public" },
  { name: "Procurement", description: "Vendors and contracts", visibility: "Public" },
  { name: "Supply Chain", description: "Warehouse Lübeck and carriers", visibility: "Public" },
  { name: "R&D Lab", description: "Prototypes", visibility: "Private" },
  { name: "Events 2027", description: "Trade fairs and user days", visibility: "Public" },
  { name: "Office Zürich", description: "Everything Zürich", visibility: "Public" },
  { name: "Sustainability", description: "CO₂ report and green IT", visibility: "Public" },
  { name: "Training Academy", description: "Courses and certificates", visibility: "Public" },
  { name: "Works Council", description: null, visibility: "Private" },
];
