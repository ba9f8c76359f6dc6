import manifest from '../package.json' with { type: 'json' };

/**
 * Where docs/runbook.md can be read, if `repository` names a project on GitHub.
 * @param repository field of package.json: https://docs.npmjs.com/cli/configuring-npm/package-json#repository
 */
export function publishedRunbook(repository: unknown): string | undefined {
  const url = String(Object(repository).url ?? repository ?? '');
  const [, project] =
    /^(?:github:|(?:git\+)?https:\/\/github\.com\/)?([\w-]+\/[\w.-]+?)(?:\.git)?$/.exec(url) ?? [];
  return project && `https://github.com/${project}/blob/HEAD/docs/runbook.md`;
}

/** Of this package. */
export const PUBLISHED_RUNBOOK = publishedRunbook(Object(manifest).repository);
