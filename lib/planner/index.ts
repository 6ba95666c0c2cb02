/** The domain, pure: types, order, canonical form, drift, and Planner's words and colours. */
export * from "./types";
export * from "./board-order";
export * from "./canonical";
export * from "./counts";
export * from "./cut";
export * from "./dates";
export * from "./diff";
export * from "./labels";
export * from "./open-types";
export * from "./order-hints";
export * from "./people";
export * from "./recurrence";
export * from "./references";
export * from "./steps";
export * from "./task-fields";
export * from "./words";
