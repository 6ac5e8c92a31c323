using Microsoft.Data.Sqlite;

namespace SynCse.Samples;

/// <summary>Statements with values, in a line each.</summary>
internal static class SqliteCommands
{
    public static SqliteCommand NewCommand(this SqliteConnection connection, string sql, params (string Name, object Value)[] values)
    {
        var command = connection.CreateCommand();
#pragma warning disable CA2100 // what is put into SQL is a collection's name, letters and digits, and names of columns
        command.CommandText = sql;
#pragma warning restore CA2100
        foreach (var (name, value) in values) command.Parameters.AddWithValue(name, value);
        return command;
    }

    public static void Execute(this SqliteConnection connection, string sql, params (string Name, object Value)[] values)
    {
        using var command = connection.NewCommand(sql, values);
        command.ExecuteNonQuery();
    }

    public static object? Scalar(this SqliteConnection connection, string sql, params (string Name, object Value)[] values)
    {
        using var command = connection.NewCommand(sql, values);
        return command.ExecuteScalar();
    }

    /// <summary>Whether there is such a table; SQLite takes names that differ in case only for one.</summary>
    public static bool HasTable(this SqliteConnection connection, string name)
    {
        const string Count = "SELECT count(*) FROM sqlite_master WHERE type = 'table' AND name = $name COLLATE NOCASE";
        return (long)connection.Scalar(Count, ("$name", name))! > 0;
    }
}
