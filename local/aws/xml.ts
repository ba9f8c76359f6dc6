/** A value as the text of an XML element. */
function escapeXml(text: string): string {
  return text.replace(/[<>&"']/g, (character) => `&#${character.charCodeAt(0)};`);
}

/** What an element holds: text, elements by name, or a list of `item` elements. */
export type XmlContent =
  | string
  | number
  | boolean
  | { readonly [name: string]: XmlContent | undefined }
  | readonly XmlContent[];

/** A whole answer. */
export const document = (content: string) => `<?xml version="1.0" encoding="UTF-8"?>\n${content}`;

/** One element with its content, as the EC2 API writes it; undefined fields are left out. */
export function element(name: string, content: XmlContent): string {
  return `<${name}>${contentOf(content)}</${name}>`;
}

function contentOf(content: XmlContent): string {
  if (isList(content)) return content.map((item) => element('item', item)).join('');
  if (typeof content !== 'object') return escapeXml(String(content));
  return Object.entries(content)
    .map(([name, value]) => (value === undefined ? '' : element(name, value)))
    .join('');
}

function isList(content: XmlContent): content is readonly XmlContent[] {
  return Array.isArray(content);
}
