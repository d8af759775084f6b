// Ids that are hashes depend on the absolute path of the checkout; CI compares a fresh build with the committed one.
module.exports = { optimization: { moduleIds: 'natural', chunkIds: 'natural' } };
