// Reads templates as YAML 1.2 does and compares them with their JSON renderings: the younger twin of yaml11.py,
// with the same input, output and rules. A plain 012345678901 is text in YAML 1.1 and a number in YAML 1.2.
// Argument: the folder with node_modules.
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';

const YAML = createRequire(join(process.argv[2], 'judge.js'))('yaml');

/** The long form of a short tag; yaml11.py knows which short tags are allowed. */
const longForm = (tag) => (['!Ref', '!Condition'].includes(tag) ? tag.slice(1) : `Fn::${tag.slice(1)}`);

/** A YAML node as CloudFormation's JSON; a scalar behind a short tag is always text. */
function plain(node) {
  const short = node.tag?.startsWith('!') ? node.tag : undefined;
  let value;
  if (YAML.isMap(node)) value = Object.fromEntries(node.items.map(({ key, value }) => [key.value, plain(value)]));
  else if (YAML.isSeq(node)) value = node.items.map(plain);
  else if (short === '!GetAtt') value = [node.source.split('.', 1)[0], node.source.slice(node.source.indexOf('.') + 1)];
  else value = short ? node.source : node.value;
  return short ? { [longForm(short)]: value } : value;
}

const kind = (value) => (value === null ? 'null' : Array.isArray(value) ? 'list' : typeof value);

/** Every place where what was read is not exactly what was meant: [path, rule, message]. */
function differences(read, meant, path = []) {
  const told = `${JSON.stringify(meant)} is read as ${JSON.stringify(read)}`;
  if (kind(read) !== kind(meant)) return [[path, kind(read), told]];
  if (kind(read) === 'list' && read.length !== meant.length) return [[path, 'value', told]];
  if (read === null || typeof read !== 'object') return read === meant ? [] : [[path, 'value', told]];
  return [...new Set([...Object.keys(read), ...Object.keys(meant)])].flatMap((key) =>
    key in read && key in meant
      ? differences(read[key], meant[key], [...path, key])
      : [[[...path, key], 'key', `${key} is only in ${key in read ? 'the YAML file' : 'the JSON rendering'}`]]);
}

/** The findings on one template. */
function judge([template, yaml, json]) {
  const document = YAML.parseDocument(yaml, { version: '1.2', schema: 'core', uniqueKeys: true, logLevel: 'silent' });
  const found = document.errors.length > 0
    ? document.errors.map((error) => [[], 'unreadable', error.message])
    : differences(plain(document.contents), JSON.parse(json));
  return found.map(([path, rule, message]) => {
    const resource = path[0] === 'Resources' ? (path[1] ?? '') : '';
    return { template, rule, resource, message: `${path.join('/')}: ${message}` };
  });
}

process.stdout.write(JSON.stringify(JSON.parse(readFileSync(0, 'utf8')).flatMap(judge), null, 1));
