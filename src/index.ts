// What `import 'exuvia'` gives: a node as a library.
export { type Config, ConfigError, readConfig } from './config.ts';
export { type Node, startNode } from './node.ts';
