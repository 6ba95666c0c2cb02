/** The first characters of a text, at most so many: never half of one that takes two places, as an emoji does. Graph refuses halves. */
export function cutTo(most: number, text: string): string {
  const splits = /[\ud800-\udbff]/.test(text.charAt(most - 1)) && /[\udc00-\udfff]/.test(text.charAt(most));
  return text.slice(0, splits ? most - 1 : most);
}
