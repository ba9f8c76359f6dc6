/** Sections of a runbook in Markdown, by the anchor that GitHub gives their heading. */
export function sectionsOf(runbook: string): ReadonlyMap<string, string> {
  const [, ...sections] = runbook.split(/^(?=## )/m);
  return new Map(sections.map((text) => [anchorOf(/^## (.+)$/m.exec(text)?.[1] ?? ''), text]));
}

const anchorOf = (heading: string): string =>
  heading
    .toLowerCase()
    .replaceAll(/[^\w\s-]/g, '')
    .trim()
    .replaceAll(' ', '-');
