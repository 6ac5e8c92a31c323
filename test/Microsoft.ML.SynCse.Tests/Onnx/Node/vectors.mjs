// Vectors of texts (a JSON list on standard input) by transformers.js, for each folder named on the command line: a JSON list a line.
import { readFileSync } from 'node:fs';
import { basename, dirname } from 'node:path';
import { AutoModel, AutoTokenizer, env, pipeline } from '@huggingface/transformers';

env.allowRemoteModels = false;
const texts = JSON.parse(readFileSync(0, 'utf8'));
for (const folder of process.argv.slice(2)) {
  env.localModelPath = dirname(folder);
  const name = basename(folder);
  const tokenizer = await AutoTokenizer.from_pretrained(name);
  const model = await AutoModel.from_pretrained(name, { dtype: 'fp32' });
  const { sentence_embedding } = await model(await tokenizer(texts, { padding: true, truncation: true }));
  // As most users write it: the pipeline pools the token vectors itself.
  const extractor = await pipeline('feature-extraction', name, { dtype: 'fp32' });
  const pooled = await extractor(texts, { pooling: 'mean', normalize: true });
  console.log(JSON.stringify({ graph: sentence_embedding.tolist(), pipeline: pooled.tolist() }));
}
