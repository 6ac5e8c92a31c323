// The ids that Hugging Face's JavaScript library gives. Reads from standard input a JSON array of texts; prints for each folder named as an argument a line: a JSON array of arrays of ids.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Tokenizer } from '@huggingface/tokenizers';

const texts = JSON.parse(readFileSync(0, 'utf8'));
const read = (folder, name) => JSON.parse(readFileSync(join(folder, name), 'utf8'));
for (const folder of process.argv.slice(2)) {
  const tokenizer = new Tokenizer(read(folder, 'tokenizer.json'), read(folder, 'tokenizer_config.json'));
  console.log(JSON.stringify(texts.map((text) => tokenizer.encode(text).ids)));
}
