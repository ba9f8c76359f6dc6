import { App, Validations } from 'aws-cdk-lib';
import { AwsSolutionsChecks } from 'cdk-nag';
import { readConfiguration } from './config.ts';
import { FEATURE_FLAGS } from './flags.ts';
import { ConfigurationError } from './schema/faults.ts';
import { CniMetricsStack } from './stack.ts';

const app = new App({ context: FEATURE_FLAGS });
Validations.of(app).addPlugins(new AwsSolutionsChecks(app));
try {
  for (const entry of readConfiguration(app.node.tryGetContext('config'))) new CniMetricsStack(app, entry);
} catch (error) {
  if (!(error instanceof ConfigurationError)) throw error;
  // A fault of the file is no fault of the program: its stack trace would only hide the message.
  console.error(error.message);
  process.exit(1);
}
