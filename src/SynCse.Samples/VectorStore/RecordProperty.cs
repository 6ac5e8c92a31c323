using System.Linq.Expressions;

namespace SynCse.Samples;

/// <summary>Which property of a record an expression such as <c>record =&gt; record.Text</c> names.</summary>
internal static class RecordProperty
{
    /// <summary>The name; null where the expression is anything else than a property of the record.</summary>
    public static string? NameOf(LambdaExpression selector)
    {
        var body = selector.Body is UnaryExpression { NodeType: ExpressionType.Convert, Operand: var inner } ? inner : selector.Body;
        return body is MemberExpression { Expression: ParameterExpression } member ? member.Member.Name : null;
    }
}
