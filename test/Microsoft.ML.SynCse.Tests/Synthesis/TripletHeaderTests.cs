using Microsoft.ML.SynCse.Synthesis.Journal;

namespace Microsoft.ML.SynCse.Tests;

[TestClass]
public sealed class TripletHeaderTests
{
    [TestMethod]
    // What synthesize writes.
    [DataRow("anchor,positive,negative", "anchor|positive|negative|")]
    [DataRow("anchor,positive,negative_1,negative_2", "anchor|positive|negative_1,negative_2|")]
    [DataRow("anchor,positive_1,positive_2,negative_1,negative_2,negative_3,genre,topic",
        "anchor|positive_1,positive_2|negative_1,negative_2,negative_3|genre,topic")]
    // SimCSE.
    [DataRow("sent0,sent1,hard_neg", "sent0|sent1|hard_neg|")]
    [DataRow("sent0,sent1", "sent0|sent1||")]
    // sentence-transformers' data sets and mine_hard_negatives.
    [DataRow("sentence1,sentence2", "sentence1|sentence2||")]
    [DataRow("sentence_0,sentence_1,sentence_2,sentence_3", "sentence_0|sentence_1|sentence_2,sentence_3|")]
    [DataRow("query,answer,negative_1,negative_2,score", "query|answer|negative_1,negative_2|score")]
    [DataRow("anchor,positive,negative,positive_score,negative_score", "anchor|positive|negative|positive_score,negative_score")]
    [DataRow("anchor,positive,negative_1,negative_1_score,negative_2,negative_2_score",
        "anchor|positive|negative_1,negative_2|negative_1_score,negative_2_score")]
    [DataRow("question,answer,negative1,negative2", "question|answer|negative1,negative2|")]
    [DataRow("premise,entailment,contradiction", "premise|entailment|contradiction|")]
    [DataRow("query,positive,negative_10,negative_2,negative_1", "query|positive|negative_1,negative_2,negative_10|")]
    [DataRow("text1,text2", "text1|text2||")]
    [DataRow("sent1,sent2", "sent1|sent2||")]
    // FlagEmbedding; other ways to write.
    [DataRow("query,pos,neg", "query|pos|neg|")]
    [DataRow("id,Query, Positive ,Hard Negative 1,Hard-Negative-2", "Query| Positive |Hard Negative 1,Hard-Negative-2|id")]
    [DataRow("negative,positive,anchor", "anchor|positive|negative|")]
    [DataRow("anchor,notes,positive,source,negative", "anchor|positive|negative|notes,source")]
    [DataRow("neg_1,neg_2,text,pos_1,pos_2,id", "text|pos_1,pos_2|neg_1,neg_2|id")]
    [DataRow("anchor,positive,negative,negative.1", "anchor|positive|negative,negative.1|")]
    [DataRow("anchor,positive,score", "anchor|positive||score")]
    [DataRow("anchor,positive,negative_id,negative_score", "anchor|positive||negative_id,negative_score")]
    public void Columns_are_told_by_their_names(string names, string expected)
    {
        var header = TripletHeader.Of(names.Split(','));
        Assert.IsNull(header.Trouble);
        string Of(IEnumerable<int> places) => string.Join(',', places.Select(place => header.Names[place]));
        Assert.AreEqual(expected,
            $"{header.Names[header.Anchor]}|{Of(header.Positives)}|{Of(header.Negatives)}|{string.Join(',', header.Unread)}");
    }

    [TestMethod]
    [DataRow("sentence1,sentence2,score", "'score'")]
    [DataRow("anchor,positive,label", "'label'")]
    [DataRow("query,answer,labels", "'labels'")]
    [DataRow("question1,question2,is_duplicate", "'is_duplicate'")]
    [DataRow("anchor,positive,negatively", "'negatively'")]
    [DataRow("anchor,positive,negative_a,negative_b", "'negative_a'")]
    [DataRow("anchor,pos,positive,negative", "'positive' and 'pos'")]
    [DataRow("anchor,positive,negative,neg_1,neg_2", "'negative' and 'neg_1'")]
    [DataRow("anchor,positive,negative,negative", "'negative' twice")]
    public void Names_that_leave_doubt_are_refused_by_name(string names, string expected)
        => StringAssert.Contains(TripletHeader.Of(names.Split(',')).Trouble, expected);

    [TestMethod]
    [DataRow("first,second", -1, 0)]
    [DataRow("positive,negative", -1, 0)]
    [DataRow("anchor,positiv,negative", 0, 0)]
    [DataRow("sentence", 0, 0)]
    [DataRow("premise,hypothesis,label", 0, 0)]
    public void Nothing_is_told_by_a_columns_place(string names, int anchor, int positives)
    {
        var header = TripletHeader.Of(names.Split(','));
        Assert.AreEqual((anchor, positives), (header.Anchor, header.Positives.Count));
    }
}
